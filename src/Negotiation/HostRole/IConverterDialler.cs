using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.HostRole;

/// <summary>Connects to servers through a converter for programs of this host, and takes the programs' connections over. The seam between interceptor and relay.</summary>
public interface IConverterDialler
{
    /// <summary>Where the programs' connections are to go instead of to their servers; null if this host does not have the family.</summary>
    HostEndpoint? ListenerOf(bool isIpv4);

    /// <summary>Begins to connect; does not wait for it. The program's connection may come as soon as the outcome is known.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="told">Called once, by another thread.</param>
    /// <param name="refusal">Why not, if false is returned.</param>
    bool TryBegin(ConvertedConnection connection, Action<ConvertedConnection, ConvertedOutcome> told, out Reason refusal);
}
