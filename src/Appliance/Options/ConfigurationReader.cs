using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Middlebox.Appliance.Options;

/// <summary>Reads a configuration file and the environment over it, and reports everything that is wrong at once.</summary>
public static class ConfigurationReader
{
    /// <summary>Reads, binds and checks.</summary>
    /// <param name="path">A JSON file with a section <c>Middlebox</c>; comments are allowed.</param>
    /// <param name="options">The configuration, if there are no errors.</param>
    /// <param name="errors">All faults that were found.</param>
    public static bool TryRead(
        string path, [NotNullWhen(true)] out MiddleboxOptions? options, out IReadOnlyList<ConfigurationError> errors)
    {
        options = null;
        if (!TryLoad(path, out var section, out var loadError))
        {
            errors = [loadError];
            return false;
        }

        List<ConfigurationError> all = [.. ConfigurationSchema.Check(section, typeof(MiddleboxOptions))];
        if (Bind(section) is { } bound)
        {
            all.AddRange(MiddleboxOptionsValidator.Check(bound));
            options = all.Count == 0 ? bound : null;
        }

        errors = all;
        return options is not null;
    }

    /// <summary>Null if a value does not convert, which the schema has told; what else is wrong can then not be known.</summary>
    private static MiddleboxOptions? Bind(IConfigurationSection section)
    {
        try
        {
            return section.Get<MiddleboxOptions>() ?? new MiddleboxOptions();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool TryLoad(
        string path,
        [NotNullWhen(true)] out IConfigurationSection? section,
        [NotNullWhen(false)] out ConfigurationError? error)
    {
        section = null;
        try
        {
            section = new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(path), optional: false)
                .AddEnvironmentVariables()
                .Build()
                .GetSection(MiddleboxOptions.Section);
        }
        catch (FileNotFoundException)
        {
            error = new ConfigurationError(path, "there is no such file");
            return false;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            error = new ConfigurationError(path, Innermost(failure));
            return false;
        }

        error = section.Exists()
            ? null
            : new ConfigurationError(path, $"there is no section \"{MiddleboxOptions.Section}\" in this file");
        return error is null;
    }

    private static string Innermost(Exception failure) => failure.InnerException switch
    {
        JsonException json => $"no valid JSON at line {json.LineNumber + 1}: {json.Message}",
        { } inner => Innermost(inner),
        null => failure.Message,
    };
}
