using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>Carries one plan out: the client's attempts, until it has its SYN/ACK.</summary>
internal sealed class ChainRun
{
    public const uint ClientIsn = 0xFFFF_FFFF;

    private readonly ChainPlan _plan;
    private readonly ManualTimeProvider _time = new();

    public ChainRun(ChainPlan plan)
    {
        _plan = plan;
        Proxies = [.. plan.Proxies.Select(proxy => new SimulatedProxy(proxy, _time))];
        Server = new SimulatedServer(plan.Server);
        for (var round = 0; round < plan.Rounds.Count && Received is null; round++)
            Attempt(round);
    }

    public IReadOnlyList<SimulatedProxy> Proxies { get; }

    public SimulatedServer Server { get; }

    /// <summary>The SYN/ACK that the client got.</summary>
    public byte[]? Received { get; private set; }

    /// <summary>Whether the client's last SYN asked for MPTCP.</summary>
    public bool AskedForMptcp { get; private set; }

    public bool HasReloadedBeforeTheLastRound { get; private set; }

    private void Attempt(int round)
    {
        var syn = CreateSyn();
        var hasGivenUp = _plan.GivesUpMptcpInRound != ChainPlan.Never && round >= _plan.GivesUpMptcpInRound;
        if (hasGivenUp)
            syn = Segments.WithoutMptcp(syn);
        AskedForMptcp = Segments.HasMpCapable(syn);
        HasReloadedBeforeTheLastRound = _plan.ReloadInRound != ChainPlan.Never && _plan.ReloadInRound < round;
        var (synLostAt, answerLostAt) = _plan.Rounds[round];
        Send(syn, synLostAt, answerLostAt, () => ReloadIfDue(round));
    }

    private void ReloadIfDue(int round)
    {
        if (round != _plan.ReloadInRound)
            return;
        for (var i = 0; i < Proxies.Count; i++)
            Proxies[i].Reload(_plan.Reloaded[i], _time);
    }

    private void Send(byte[] syn, int synLostAt, int answerLostAt, Action beforeAnswer)
    {
        for (var i = 0; i < Proxies.Count; i++)
        {
            if (synLostAt == i)
                return;
            if (Proxies[i].Syn(Segments.Cross(_plan.Links[i], syn)) is not { } next)
            {
                beforeAnswer();
                Return(Proxies[i].Answer(), i - 1, answerLostAt);
                return;
            }

            syn = next;
        }

        if (synLostAt == Proxies.Count)
            return;
        var answer = Server.Answer(Segments.Cross(_plan.Links[^1], syn));
        beforeAnswer();
        Return(answer, Proxies.Count - 1, answerLostAt);
    }

    private void Return(byte[] answer, int nearest, int lostAt)
    {
        for (var i = nearest; i >= 0; i--)
        {
            if (lostAt == i + 1)
                return;
            var hadActed = Proxies[i].HasActed;
            if (Proxies[i].SynAck(Segments.Cross(_plan.Links[i + 1], answer)) is { } next)
                answer = next;
            else if (!hadActed)
                answer = Proxies[i].Answer();
            else
                return;
        }

        if (lostAt != 0)
            Received = Segments.Cross(_plan.Links[0], answer);
    }

    private byte[] CreateSyn()
    {
        var (client, server) = _plan.IsIpv6
            ? ($"[2001:db8:1::2]:{40_000 + (_plan.Seed & 0xFFF)}", "[2001:db8:9::2]:80")
            : ($"198.18.1.2:{40_000 + (_plan.Seed & 0xFFF)}", "198.18.9.2:80");
        var syn = PacketBuilder.Syn(client, server).Isn(ClientIsn).Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7);
        if (_plan.RequestsEcn)
            syn.Flags(TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr);
        return (_plan.Client switch
        {
            ClientKind.LinuxWithChecksum => syn.MpCapable(MpCapableFlags.HmacSha256 | MpCapableFlags.ChecksumRequired),
            ClientKind.LittleRoom => syn.MpCapable().Option(253, 8, 1, 2, 3, 4, 5, 6),
            ClientKind.NoRoom => syn.MpCapable().Option(253, 14, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).Option(254, 2),
            ClientKind.ForeignExperiment => syn.Option(30, 4, 0xF0, 0x99).MpCapable(),
            ClientKind.UnknownFlags => syn.MpCapable(MpCapableFlags.HmacSha256 | (MpCapableFlags)0x10),
            ClientKind.Version0 => syn.MpCapableVersion0(),
            ClientKind.Legacy => syn,
            _ => syn.MpCapable(),
        }).Build();
    }
}
