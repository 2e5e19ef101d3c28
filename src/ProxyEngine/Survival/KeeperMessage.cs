using System.Runtime.InteropServices;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>What a daemon and its keeper say to each other; descriptors may come with it.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Number">With which descriptors, by a number that means nothing to the keeper; or what else the kind says.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct KeeperMessage(KeeperMessageKind Kind, uint Number);
