using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.HostRole;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>Remembers what is to be connected through a converter; tests say how it comes out.</summary>
internal sealed class RecordingDialler : IConverterDialler
{
    private readonly List<Action<ConvertedConnection, ConvertedOutcome>> _told = [];

    public List<ConvertedConnection> Connections { get; } = [];

    public HostEndpoint Listener { get; } = HostEndpoint.Parse("127.0.0.1:9999");

    public bool HasRoom { get; set; } = true;

    public HostEndpoint? ListenerOf(bool isIpv4) => isIpv4 ? Listener : HostEndpoint.Parse("[::1]:9999");

    public bool TryBegin(ConvertedConnection connection, Action<ConvertedConnection, ConvertedOutcome> told, out Reason refusal)
    {
        refusal = HasRoom ? Reason.None : Reason.FlowLimit;
        if (!HasRoom)
            return false;
        Connections.Add(connection);
        _told.Add(told);
        return true;
    }

    public void Tell(Index connection, ConvertedOutcome outcome) => _told[connection](Connections[connection], outcome);
}
