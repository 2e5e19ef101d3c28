using Middlebox.Negotiation.Claims;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>What a client asks for in its SYN.</summary>
internal enum ClientKind
{
    Linux,
    LinuxWithChecksum,

    /// <summary>Eight octets of options are free: enough for an unsigned claim.</summary>
    LittleRoom,
    NoRoom,
    ForeignExperiment,
    UnknownFlags,
    Version0,
    Legacy,
}

/// <summary>How a server takes MP_CAPABLE.</summary>
internal enum ServerKind
{
    Legacy,

    /// <summary>Ignores MP_CAPABLE with flags that it does not know, P among them.</summary>
    Linux,

    /// <summary>Knows P in MP_CAPABLE, and ignores other unknown flags.</summary>
    ProxyAware,
}

/// <summary>What an element between two proxies does to the options of SYNs and SYN/ACKs.</summary>
internal enum Stripper
{
    None,
    RemovesExperiments,
    BlanksExperiments,
    RemovesMptcp,
    ClearsClaimBit,
}

/// <summary>One attempt of the client: the links at which its SYN and the answer are lost, or -1.</summary>
internal readonly record struct Round(int SynLostAt, int AnswerLostAt);

/// <summary>
/// A whole case: a client, proxies, a server, and what happens. Link i leads to proxy i from the client, the last one to the server.
/// </summary>
internal sealed record ChainPlan(
    int Seed,
    bool IsIpv6,
    ClientKind Client,
    bool RequestsEcn,
    IReadOnlyList<ProxyPlan> Proxies,
    IReadOnlyList<Stripper> Links,
    ServerKind Server,
    IReadOnlyList<Round> Rounds,
    int GivesUpMptcpInRound,
    int ReloadInRound,
    IReadOnlyList<ProxyPlan> Reloaded)
{
    public const int MaximumProxies = 6;
    public const int Never = -1;

    public bool IsStripped => Links.Any(link => link != Stripper.None);

    public static ChainPlan Any(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(MaximumProxies + 1);
        var rounds = new List<Round>();
        while (random.Next(3) == 0 && rounds.Count < 4)
            rounds.Add(random.Next(2) == 0 ? new Round(random.Next(count + 1), Never) : new Round(Never, random.Next(count + 1)));
        rounds.Add(new Round(Never, Never));
        var proxies = Enumerable.Range(0, count).Select(index => ProxyPlan.Random(random, index)).ToList();
        var isStripped = random.Next(2) == 0;
        return new ChainPlan(
            seed,
            random.Next(2) == 0,
            random.Next(2) == 0 ? ClientKind.Linux : (ClientKind)random.Next(8),
            random.Next(4) == 0,
            proxies,
            [.. Enumerable.Range(0, count + 1).Select(_ => isStripped && random.Next(3) == 0 ? (Stripper)random.Next(5) : Stripper.None)],
            (ServerKind)random.Next(3),
            rounds,
            random.Next(8) == 0 ? random.Next(1, rounds.Count + 1) : Never,
            random.Next(4) == 0 ? random.Next(rounds.Count) : Never,
            [.. proxies.Select((_, index) => ProxyPlan.Random(random, index))]);
    }

    /// <summary>Explicit proxies of one operator: one carrier, one key, nothing lost and nothing stripped.</summary>
    public static ChainPlan OfOneOperator(int seed)
    {
        var random = new Random(seed);
        var carrier = random.Next(3) > 0 ? ClaimCarrier.Option : ClaimCarrier.CapableBit;
        var isSigned = carrier == ClaimCarrier.Option && random.Next(3) > 0;
        var preference = random.Next(2) == 0 ? random.Next(8) : Never;
        var proxies = Enumerable.Range(0, random.Next(1, MaximumProxies + 1)).Select(index => new ProxyPlan(
            (ushort)(index + 1),
            IsExplicit: true,
            (byte)(preference == Never ? random.Next(8) : preference),
            carrier,
            isSigned ? (KeyKind)random.Next(1, 3) : KeyKind.None,
            AcceptUnsigned: !isSigned,
            random.Next(3) > 0 ? Willingness.Serve : (Willingness)random.Next(5),
            RepeatsWithMpCapable: 1)).ToList();
        return new ChainPlan(
            seed,
            random.Next(2) == 0,
            ClientKind.Linux,
            random.Next(4) == 0,
            proxies,
            [.. Enumerable.Repeat(Stripper.None, proxies.Count + 1)],
            (ServerKind)random.Next(3),
            [new Round(Never, Never)],
            Never,
            Never,
            proxies);
    }

    public override string ToString() =>
        $"seed {Seed}: {(IsIpv6 ? "IPv6" : "IPv4")}, client {Client}{(RequestsEcn ? " with ECN" : "")}, server {Server},\n"
        + string.Join("", Proxies.Select((proxy, i) => $"  link {Links[i]}\n  {proxy}\n"))
        + $"  link {Links[^1]}\n  rounds {string.Join(", ", Rounds)}, gives up in {GivesUpMptcpInRound}, reload in {ReloadInRound}\n"
        + string.Join("", Reloaded.Select(proxy => $"  reloaded: {proxy}\n"));
}
