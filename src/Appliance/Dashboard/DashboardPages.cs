using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Middlebox.Appliance.Http;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Dashboard;

/// <summary>
/// Answers the page's files to everybody, and what the page shows under /api/ to who has the token, if there is one. Nothing here changes anything.
/// </summary>
/// <param name="answers">What the page is told.</param>
/// <param name="token">The token; null for none.</param>
/// <param name="onLook">Called when somebody looks.</param>
internal sealed class DashboardPages(DashboardAnswers answers, string? token, Action onLook)
{
    private const string Scheme = "Bearer ";
    private const string JsonType = "application/json";
    private const int WorthCompressing = 1400;

    // The page loads nothing from elsewhere, and nobody may show it in a frame or read it from another origin.
    private const string ProtectingFields =
        "Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
        + "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"
        + "Cache-Control: no-store\r\n";

    private static readonly IReadOnlyDictionary<string, string> Sentences = Enum.GetValues<Reason>().Skip(1)
        .ToDictionary(reason => JsonNamingPolicy.CamelCase.ConvertName($"{reason}"), reason => reason.Describe());

    private readonly byte[]? _tokenHash = token is null ? null : Hash(token);

    /// <summary>A browser opens some connections ahead of need and leaves them silent, each in a place of its own.</summary>
    public static HttpServerLimits Limits { get; } = new(Clients: 16, Patience: TimeSpan.FromSeconds(5));

    public HttpAnswer Answer(HttpRequest request)
    {
        var answer = Route(request);
        return answer with { Fields = answer.Fields + ProtectingFields };
    }

    private HttpAnswer Route(HttpRequest request)
    {
        if (!HostField.IsOwn(request.Fields.GetValueOrDefault("Host")))
            return HttpAnswer.Text("421 Misdirected Request", "call the box by its address, or by localhost\n");
        if (PageFiles.TryFind(request.Path, out var file))
            return new HttpAnswer("200 OK", file.Type, file.Content);
        if (!request.Path.StartsWith("/api/", StringComparison.Ordinal))
            return HttpAnswer.Text("404 Not Found", "there is nothing here; the page is at /\n");
        if (!IsAllowed(request.Fields.GetValueOrDefault("Authorization")))
            return HttpAnswer.Text("401 Unauthorized", "the token is missing or wrong\n", "WWW-Authenticate: Bearer\r\n");
        onLook();
        var isCompressed = request.Fields.GetValueOrDefault("Accept-Encoding", "").Contains("gzip", StringComparison.OrdinalIgnoreCase);
        return request.Path switch
        {
            "/api/overview" => Json(
                answers.Overview(long.TryParse(request.Query.GetValueOrDefault("after"), CultureInfo.InvariantCulture, out var number) ? number : 0),
                isCompressed),
            "/api/connections" => Json(answers.Table(), isCompressed),
            "/api/reasons" => Json(Sentences, isCompressed),
            "/api/connection" => OfConnection(request, connection => Json(answers.Detail(connection), isCompressed)),
            "/api/findings" => OfConnection(
                request, connection => Json(answers.Findings($"{connection.Client} {connection.Server}"), isCompressed)),
            _ => HttpAnswer.Text("404 Not Found", "there is no such question\n"),
        };
    }

    private static HttpAnswer OfConnection(HttpRequest request, Func<FlowKey, HttpAnswer> answer) =>
        HostEndpoint.TryParse(request.Query.GetValueOrDefault("client"), out var client)
        && HostEndpoint.TryParse(request.Query.GetValueOrDefault("server"), out var server)
            ? answer(new FlowKey(client, server))
            : HttpAnswer.Text("400 Bad Request", "client and server must be addresses with ports\n");

    // Hashes have one length, and the comparison takes one time: nothing is learnt of the token by asking often.
    private bool IsAllowed(string? authorization) =>
        _tokenHash is null
        || (authorization is not null
            && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(_tokenHash, Hash(authorization[Scheme.Length..].Trim())));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static HttpAnswer Json<T>(T report, bool isCompressed)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(report, ReportJson.Sparse);
        if (!isCompressed || plain.Length < WorthCompressing)
            return new HttpAnswer("200 OK", JsonType, plain);
        using var small = new MemoryStream();
        using (var compressor = new GZipStream(small, CompressionLevel.Fastest))
            compressor.Write(plain);
        return new HttpAnswer("200 OK", JsonType, small.ToArray(), "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    }
}
