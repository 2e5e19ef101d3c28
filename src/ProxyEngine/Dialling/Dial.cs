using Middlebox.Native;
using Middlebox.Negotiation;

namespace Middlebox.ProxyEngine.Dialling;

/// <summary>One connection of the box to a server, until the relay takes it or it is given up.</summary>
/// <param name="Number">By which the kernel reports it.</param>
/// <param name="Handshake">For whom.</param>
/// <param name="Socket">Connecting or connected.</param>
/// <param name="Observer">Told how it comes out.</param>
internal sealed record Dial(ulong Number, Handshake Handshake, FileDescriptor Socket, IDialObserver Observer);
