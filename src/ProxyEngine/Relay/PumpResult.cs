using Middlebox.Native;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>Why a pump stopped, and the error if it failed.</summary>
internal readonly record struct PumpResult(PumpStop Stop, Errno Error = Errno.None);
