using Middlebox.Negotiation.Claims;

namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Explicit</c>: how the box takes part in the explicit scheme; of no effect in implicit mode.</summary>
public sealed record ExplicitOptions
{
    /// <value>Id of this box among the operator's proxies, 1 to 65,535. Required in explicit mode.</value>
    public int ProxyId { get; init; }

    /// <value>How much this box wants connections, 0 to 7; the highest wins, and among equals the first on the path. Default 4.</value>
    public int Preference { get; init; } = 4;

    /// <value>How claims travel. Default <c>Option</c>.</value>
    public ClaimCarrier Carrier { get; init; } = ClaimCarrier.Option;

    /// <value>File of the shared keys, readable by its owner alone. Default none: claims are not signed.</value>
    public string KeyFile { get; init; } = "";

    /// <value>Whether other proxies' claims count although they are not signed. Default false; must be true without a key file.</value>
    public bool AcceptUnsigned { get; init; }
}
