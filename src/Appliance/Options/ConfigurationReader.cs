using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Middlebox.Native;

namespace Middlebox.Appliance.Options;

/// <summary>Reads a configuration file and the environment over it, and reports everything that is wrong at once.</summary>
public static class ConfigurationReader
{
    /// <summary>Reads, binds and checks.</summary>
    /// <param name="path">A JSON file with a section <c>Middlebox</c>, a regular one of at most <see cref="RegularFile.MostBytes"/> bytes; comments are allowed.</param>
    /// <param name="options">The configuration, if there are no errors.</param>
    /// <param name="errors">All faults that were found.</param>
    public static bool TryRead(
        string path, [NotNullWhen(true)] out MiddleboxOptions? options, out IReadOnlyList<ConfigurationError> errors)
    {
        options = null;
        if (!TryLoad(path, out var section, out var shapeErrors, out var loadError))
        {
            errors = [loadError];
            return false;
        }

        // What is told of a key's shape says what its value would be told to be once more.
        List<ConfigurationError> all =
            [.. shapeErrors.Concat(ConfigurationSchema.Check(section, typeof(MiddleboxOptions))).DistinctBy(error => error.Path, StringComparer.OrdinalIgnoreCase)];
        var rest = new FaultlessPart(section, [.. all.Where(error => !error.IsUnknownKey).Select(error => error.Path)]);
        var bound = Bind(rest.Section());
        all.AddRange(MiddleboxOptionsValidator.Check(bound).Where(error => !rest.IsFaulty(error.Path)));
        options = all.Count == 0 ? bound : null;
        errors = all;
        return options is not null;
    }

    private static MiddleboxOptions Bind(IConfigurationSection section)
    {
        var bound = section.Get<MiddleboxOptions>() ?? new MiddleboxOptions();
        // The binder adds to a list that is not empty by default; a list in the configuration is to take its place.
        var reserved = section.GetSection($"{nameof(bound.ProxyEngine)}:{nameof(bound.ProxyEngine.ReservedPorts)}");
        return reserved.Exists()
            ? bound with { ProxyEngine = bound.ProxyEngine with { ReservedPorts = reserved.Get<int[]>() ?? [] } }
            : bound;
    }

    private static bool TryLoad(
        string path,
        [NotNullWhen(true)] out IConfigurationSection? section,
        out IReadOnlyList<ConfigurationError> shapeErrors,
        [NotNullWhen(false)] out ConfigurationError? error)
    {
        section = null;
        shapeErrors = [];
        if (!RegularFile.TryRead(path, out var content, out var problem))
        {
            error = new ConfigurationError(path, problem);
            return false;
        }

        try
        {
            using var json = new MemoryStream(content);
            var root = new ConfigurationBuilder()
                .AddJsonStream(json)
                .AddEnvironmentVariables()
                .Build();
            section = root.GetSection(MiddleboxOptions.Section);
            shapeErrors = ConfigurationShape.Check(content, MiddleboxOptions.Section, typeof(MiddleboxOptions));
            // A section with nothing in it does not "exist", but it is there.
            var isThere = root.GetChildren().Any(child => child.Key.Equals(MiddleboxOptions.Section, StringComparison.OrdinalIgnoreCase));
            error = isThere
                ? null
                : new ConfigurationError(path, $"there is no section \"{MiddleboxOptions.Section}\" in this file");
            return isThere;
        }
        catch (JsonException failure)
        {
            error = new ConfigurationError(path, $"no valid JSON at line {failure.LineNumber + 1}: {failure.Message}");
            return false;
        }
        catch (FormatException failure)
        {
            error = new ConfigurationError(path, failure.Message);
            return false;
        }
    }
}
