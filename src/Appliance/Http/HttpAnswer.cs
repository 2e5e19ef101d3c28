using System.Globalization;
using System.Text;

namespace Middlebox.Appliance.Http;

/// <summary>An answer, whole. The connection ends with it.</summary>
/// <param name="Status">Status code and reason phrase.</param>
/// <param name="Type">Media type of the body.</param>
/// <param name="Body">The body; a question by HEAD gets its length only.</param>
/// <param name="Fields">Further fields, each with its CRLF.</param>
internal sealed record HttpAnswer(string Status, string Type, ReadOnlyMemory<byte> Body, string Fields = "")
{
    private const string PlainType = "text/plain; charset=utf-8";

    /// <summary>A line or more of plain text.</summary>
    public static HttpAnswer Text(string status, string text, string fields = "") => Text(status, PlainType, text, fields);

    public static HttpAnswer Text(string status, string type, string text, string fields) =>
        new(status, type, Encoding.UTF8.GetBytes(text), fields);

    /// <summary>The answer to what is neither GET nor HEAD.</summary>
    public static HttpAnswer MethodNotAllowed { get; } =
        Text("405 Method Not Allowed", "only GET and HEAD are served here\n", "Allow: GET, HEAD\r\n");

    /// <summary>The bytes on the wire.</summary>
    public byte[] Write(bool withBody)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {Status}\r\nContent-Type: {Type}\r\nContent-Length: {Body.Length}\r\n{Fields}Connection: close\r\n\r\n"));
        return withBody ? [.. head, .. Body.Span] : head;
    }
}
