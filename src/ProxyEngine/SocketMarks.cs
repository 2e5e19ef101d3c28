namespace Middlebox.ProxyEngine;

/// <summary>The marks of the relay's sockets, by which the box's rules tell them apart.</summary>
public readonly record struct SocketMarks(uint ClientLeg, uint ServerLeg);
