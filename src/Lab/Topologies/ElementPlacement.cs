namespace Middlebox.Lab.Topologies;

/// <summary>A host that runs a small program on the packets that it forwards, as a foreign middlebox would.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Program">What it does to them, by the name of a verb of <c>middlebox lab element</c>.</param>
public sealed record ElementPlacement(string Host, string Program)
{
    /// <summary>Blanks MPTCP options of subtypes that nobody has assigned, in SYNs and SYN/ACKs.</summary>
    public const string StripOptions = "strip-options";

    /// <summary>All programs.</summary>
    public static IReadOnlyList<string> Programs { get; } = [StripOptions];

    /// <summary>The NFQUEUE queue by which its packets come to it; apart from those of the appliance.</summary>
    public const int Queue = 4300;
}
