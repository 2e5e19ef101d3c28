using System.Text;
using System.Text.Json;
using Middlebox.Appliance.Commands.Config;
using Middlebox.Appliance.Options;
using Middlebox.Fuzzing;
using Middlebox.Fuzzing.Mutation;

namespace Middlebox.Appliance.Commands.Fuzz.Targets;

/// <summary>The configuration reader, on a file of its own.</summary>
internal sealed class ConfigurationTarget : IFuzzTarget, IDisposable
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("middlebox-fuzz");

    public IMutator Mutator { get; } = new ByteMutator(
    [
        .. new[]
        {
            "\"Middlebox\"", "\"Policy\"", "\"Rules\"", "\"Client\"", "\"Server\"", "\"Ports\"", "\"Share\"", "\"MaxFlows\"", "\"Explicit\"", "\"ProxyEngine\"",
            "\"Control\"", "\"Dashboard\"", "\"Negotiation\"", "\"ReservedPorts\"", "{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "0", "65536",
            "4294967296", "1e999", "0.1", "NaN", "\"00:00:01\"", "\"10675199.02:48:05.4775807\"", "\"\"", "[]", "{}", "\"198.18.0.0/15\"", "\"::/0\"", "//", "/*", "*/", "\\u0000",
            "\"0\":", "\"1:0\":", "\"Rules:0:Client\":",
        }.Select(Encoding.UTF8.GetBytes),
    ]);

    public int Run(byte[] input)
    {
        var isTaken = Read(input, out var options, out var errors);
        OracleException.Require(isTaken == (errors.Count == 0), $"taken: {isTaken}, with {errors.Count} errors");
        foreach (var error in errors)
        {
            OracleException.Require(
                error.Problem.Length > 0 && (error.Path == InputFile || error.Path.StartsWith("Middlebox", StringComparison.OrdinalIgnoreCase)),
                $"an error that does not say where: {error}");
        }

        if (options is not null)
            RequireSound(input, options);
        var hash = default(HashCode);
        hash.Add(isTaken);
        foreach (var error in errors.Take(3))
            hash.Add(error.Path == InputFile ? error.Problem.Length : string.GetHashCode(error.Path, StringComparison.OrdinalIgnoreCase));
        return hash.ToHashCode();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string InputFile => Path.Combine(_directory.FullName, "box.json");

    private bool Read(byte[] content, out MiddleboxOptions? options, out IReadOnlyList<ConfigurationError> errors)
    {
        File.WriteAllBytes(InputFile, content);
        return ConfigurationReader.TryRead(InputFile, out options, out errors);
    }

    private void RequireSound(byte[] input, MiddleboxOptions options)
    {
        using var json = JsonDocument.Parse(WithoutByteOrderMark(input), Lenient);
        OracleException.Require(json.RootElement.ValueKind == JsonValueKind.Object, "taken, and is no JSON object");
        OracleException.Require(MiddleboxOptionsValidator.Check(options).Count == 0, "taken, and does not stand the check");
        var text = ConfigShowCommand.Write(options);
        OracleException.Require(
            Read(Encoding.UTF8.GetBytes(text), out var again, out var errors), $"taken, and refused when shown and read again: {string.Join("; ", errors)}");
        OracleException.Require(ConfigShowCommand.Write(again!) == text, $"shown as {text}, then as {ConfigShowCommand.Write(again!)}");
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(byte[] input) =>
        input is [0xEF, 0xBB, 0xBF, ..] ? input.AsMemory(3) : input;
}
