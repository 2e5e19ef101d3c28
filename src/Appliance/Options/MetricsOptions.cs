namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Metrics</c>: where Prometheus may scrape the box.</summary>
public sealed record MetricsOptions
{
    /// <value>
    /// Address and port of the HTTP endpoint with /metrics and /healthz, such as <c>127.0.0.1:9464</c>. Default empty: off. It asks
    /// nobody for a password, so an address that others reach belongs behind a firewall.
    /// </value>
    public string Endpoint { get; init; } = "";
}
