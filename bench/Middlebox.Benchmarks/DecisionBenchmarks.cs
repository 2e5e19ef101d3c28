using BenchmarkDotNet.Attributes;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Benchmarks;

/// <summary>
/// One SYN from bytes to decision, with so many contexts in the table: read, look up, release the context of the client's earlier SYN, create
/// another. That is one release more than a client's first SYN needs, and keeps the table as full as it is.
/// </summary>
public class DecisionBenchmarks
{
    private const int Clients = 4096;
    private byte[][] _syns = [];
    private Negotiator _implicit = null!;
    private Negotiator _explicit = null!;
    private uint _isn;

    [Params(10, 100_000, 1_000_000)]
    public int Contexts { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _syns = Segments.Spread(Contexts, Clients);
        var claims = new SharedKeys(new Dictionary<byte, byte[]> { [1] = new byte[32] }, 1, [1, 2]);
        _implicit = Fill(null);
        _explicit = Fill(new ExplicitSettings(1, 4, ClaimCarrier.Option, claims, AcceptUnsigned: false));
    }

    [Benchmark]
    public Reason Implicit() => Decide(_implicit);

    [Benchmark]
    public Reason ExplicitAndClaimSigned() => Decide(_explicit);

    private Reason Decide(Negotiator negotiator)
    {
        var syn = _syns[_isn % Clients];
        Segments.SetIsn(syn, ++_isn);
        var segment = Segments.Read(syn);
        return negotiator.Decide(in segment).Reason;
    }

    private Negotiator Fill(ExplicitSettings? settings)
    {
        var options = new NegotiationOptions();
        var state = new NegotiationState(
            options,
            new PolicyTable([], PolicyAction.Serve),
            settings,
            new DroppingServers(options.MaxDroppingServers, options.DroppingServerLifetime, TimeProvider.System),
            new ServerCapabilities(options, TimeProvider.System),
            new ServedTokens(TimeProvider.System),
            new RelayedFlows(TimeProvider.System));
        var negotiator = new Negotiator(state, Contexts, options.MaxHalfOpen, TimeProvider.System);
        var syn = Segments.Syn();
        for (var i = 0; i < Contexts; i++)
        {
            Segments.SetClient(syn, i);
            var segment = Segments.Read(syn);
            negotiator.Decide(in segment);
        }

        return negotiator.ContextCount == Contexts
            ? negotiator
            : throw new InvalidOperationException($"{negotiator.ContextCount} contexts were made.");
    }
}
