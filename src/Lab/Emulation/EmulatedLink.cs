namespace Middlebox.Lab.Emulation;

/// <summary>A link that the emulator is to carry.</summary>
/// <param name="Name">The link's name in the topology.</param>
/// <param name="Mtu">Bytes of the longest packet.</param>
/// <param name="Left">The end nearer to the client.</param>
/// <param name="Right">The other end.</param>
internal sealed record EmulatedLink(string Name, int Mtu, EmulatedEnd Left, EmulatedEnd Right);
