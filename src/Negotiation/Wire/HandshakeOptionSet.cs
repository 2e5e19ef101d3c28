namespace Middlebox.Negotiation.Wire;

/// <summary>Which options a handshake packet carries, as <see cref="HandshakeOptions"/> keeps it.</summary>
[Flags]
internal enum HandshakeOptionSet : ushort
{
    None = 0,
    Mss = 1 << 0,
    WindowScale = 1 << 1,
    SackPermitted = 1 << 2,
    Timestamps = 1 << 3,
    FastOpen = 1 << 4,
    Md5 = 1 << 5,
    Authentication = 1 << 6,
    Mptcp = 1 << 7,
    MpJoin = 1 << 8,
    Malformed = 1 << 9,
}
