using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Appliance.Dashboard;
using Middlebox.Appliance.Http;
using Middlebox.Fuzzing;
using Middlebox.Fuzzing.Mutation;

namespace Middlebox.Appliance.Commands.Fuzz.Targets;

/// <summary>The HTTP server with the dashboard's pages behind a token.</summary>
internal sealed class HttpTarget : IFuzzTarget, IDisposable
{
    private const string Token = "fuzz-secret-token";
    private const string Told = "told only with the token";

    private readonly DashboardPages _pages = new(
        new DashboardAnswers(_ => throw new InvalidDataException(Told), () => throw new InvalidDataException(Told), _ => throw new InvalidDataException(Told), _ => []),
        Token,
        static () => { });

    private readonly HttpServer _server;
    private HttpRequest? _seen;

    public HttpTarget() => _server = new HttpServer(new IPEndPoint(IPAddress.Loopback, 0), DashboardPages.Limits, Answer, NullLogger.Instance);

    public IMutator Mutator { get; } = new ByteMutator(
    [
        .. new[]
        {
            "GET", "HEAD", "POST", " ", "/", "/api/overview", "/api/connections", "/api/connection", "/api/findings", "/api/reasons", "?", "&", "=", "after=", "client=198.18.1.2:1",
            "server=[::1]:80", "%00", "%", "%2e%2e/", "HTTP/1.1", "HTTP/1.0", "HTTP/2", "\r\n", "\r\n\r\n", "\n", "\r", "\0", ":", "Host: 127.0.0.1", "Host: [::1]:9465",
            "Host: evil.example", "Authorization: Bearer " + Token, "Authorization: Bearer x", "Accept-Encoding: gzip", "Content-Length: 5", "Transfer-Encoding: chunked", "\t",
        }.Select(Encoding.Latin1.GetBytes),
    ], longest: HttpServer.MaximumHeadLength + 64);

    public int Run(byte[] input)
    {
        var whole = Ask(input, input.Length);
        var request = _seen;
        var pieces = Ask(input, 1 + (input.Length % 7));
        OracleException.Require(whole.AsSpan().SequenceEqual(pieces), "another answer when it comes in pieces");
        var status = StatusOf(whole, request?.Method == "HEAD");
        Compare(input, request, isRefused: request is null && status == 400);
        var isTold = request is not null
            && request.Path.StartsWith("/api/", StringComparison.Ordinal)
            && status is not (401 or 405 or 421);
        OracleException.Require(!isTold || HasToken(request!), $"{request?.Path} is answered with {status} without the token");
        return HashCode.Combine(status, request?.Fields.Count, request?.Query.Count, request is { } known && PageFiles.TryFind(known.Path, out _));
    }

    public void Dispose() => _server.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private byte[] Ask(byte[] input, int pieceLength)
    {
        _seen = null;
        using var stream = new PiecewiseStream(input, pieceLength);
        return _server.AnswerAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
    }

    private HttpAnswer Answer(HttpRequest request)
    {
        _seen = request;
        return _pages.Answer(request);
    }

    private static bool HasToken(HttpRequest request) =>
        request.Fields.TryGetValue("Authorization", out var field)
        && field.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && field["Bearer ".Length..].Trim() == Token;

    private static void Compare(byte[] input, HttpRequest? request, bool isRefused)
    {
        // Longer ones are refused for their length, whatever they are.
        if (input.Length >= HttpServer.MaximumLineLength)
            return;
        var expected = PlainHttpReader.Read(input);
        OracleException.Require((expected is null) == isRefused, $"refused: {isRefused}, and a second reader takes it: {expected is not null}");
        if (request is null || expected is not { } plain)
            return;
        OracleException.Require(request.Method == plain.Method && plain.Target.Split('?')[0] == request.Path, $"read as {request.Method} {request.Path}");
        OracleException.Require(
            request.Fields.OrderBy(field => field.Key).SequenceEqual(plain.Fields.OrderBy(field => field.Key)), $"fields read as {string.Join(", ", request.Fields)}");
    }

    /// <summary>Requires one whole answer, of which nothing is the asker's.</summary>
    private static int StatusOf(byte[] answer, bool isHead)
    {
        var text = Encoding.Latin1.GetString(answer);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        OracleException.Require(text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && end > 0, "no answer");
        var length = text[..end].Split("\r\n").Single(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))["Content-Length: ".Length..];
        OracleException.Require(isHead ? answer.Length == end + 4 : int.Parse(length) == answer.Length - end - 4, "a body of another length");
        OracleException.Require(!text.Contains(Token, StringComparison.Ordinal) && !text.Contains(Told, StringComparison.Ordinal), "a secret is told");
        return int.Parse(text.AsSpan(9, 3));
    }
}
