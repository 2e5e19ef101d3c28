using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>A configuration file that is read once.</summary>
internal static class ConfigurationText
{
    /// <summary>What is wrong with a file, one line each; the file's own path is written as FILE.</summary>
    public static IReadOnlyList<string> ErrorsOf(string json)
    {
        Read(json, out var errors);
        return errors;
    }

    /// <exception cref="AssertionException">There are errors.</exception>
    public static MiddleboxOptions Read(string json)
    {
        var options = Read(json, out var errors);
        Assert.That(errors, Is.Empty);
        return options!;
    }

    /// <summary>The section <c>Middlebox</c> with these keys.</summary>
    public static string Section(string keys) => $$"""{ "Middlebox": { {{keys}} } }""";

    /// <summary>JSON that sets one key, given by its path without the section; numbers in it are indices of lists.</summary>
    public static string WithKey(string path, string value) => Section(Nest(path.Split(':'), value));

    private static string Nest(ReadOnlySpan<string> keys, string value)
    {
        var isList = keys.Length > 1 && int.TryParse(keys[1], out _);
        var inner = keys.Length == 1 ? value
            : !isList ? $"{{ {Nest(keys[1..], value)} }}"
            : keys.Length == 2 ? $"[ {value} ]"
            : $"[ {{ {Nest(keys[2..], value)} }} ]";
        return $"\"{keys[0]}\": {inner}";
    }

    private static MiddleboxOptions? Read(string json, out IReadOnlyList<string> errors)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("box.json");
        File.WriteAllText(path, json);
        ConfigurationReader.TryRead(path, out var options, out var found);
        errors = [.. found.Select(error => error.ToString().Replace(path, "FILE", StringComparison.Ordinal))];
        return options;
    }
}
