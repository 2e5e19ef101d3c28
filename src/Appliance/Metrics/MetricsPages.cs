using Middlebox.Appliance.Http;

namespace Middlebox.Appliance.Metrics;

/// <summary>Answers /metrics and /healthz.</summary>
/// <param name="metrics">Writes all metrics.</param>
/// <param name="ailments">What is wrong with the box; empty if it is healthy.</param>
internal sealed class MetricsPages(Func<string> metrics, Func<IReadOnlyList<string>> ailments)
{
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Whoever is slow or floods it costs one of its places for a few seconds.</summary>
    public static HttpServerLimits Limits { get; } = new(Clients: 8, Patience: TimeSpan.FromSeconds(5));

    public HttpAnswer Answer(HttpRequest request) => request.Path switch
    {
        "/metrics" => HttpAnswer.Text("200 OK", MetricsType, metrics(), ""),
        "/healthz" => ailments() is { Count: > 0 } found
            ? HttpAnswer.Text("503 Service Unavailable", string.Join('\n', found) + "\n")
            : HttpAnswer.Text("200 OK", "ok\n"),
        _ => HttpAnswer.Text("404 Not Found", "there are /metrics and /healthz here\n"),
    };
}
