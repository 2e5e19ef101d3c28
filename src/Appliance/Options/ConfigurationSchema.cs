using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Middlebox.Appliance.Options;

/// <summary>
/// Holds the keys and values of a configuration section against the type it is to be bound to. The binder of
/// Microsoft.Extensions.Configuration ignores unknown keys and stops at the first value that does not fit; an operator
/// wants to know of all.
/// </summary>
public static class ConfigurationSchema
{
    /// <summary>All keys that the type does not have and all values that do not convert.</summary>
    public static IEnumerable<ConfigurationError> Check(IConfigurationSection section, Type type)
    {
        if (ItemTypeOf(type) is { } itemType)
            return CheckList(section, itemType);
        return IsRecord(type) ? CheckRecord(section, type) : CheckValue(section, type);
    }

    private static IEnumerable<ConfigurationError> CheckRecord(IConfigurationSection section, Type type)
    {
        if (!string.IsNullOrEmpty(section.Value))
            yield return new ConfigurationError(section.Path, "expected a section { ... }, found a value");

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (properties.TryGetValue(child.Key, out var property))
            {
                foreach (var error in Check(child, property.PropertyType))
                    yield return error;
            }
            else
            {
                var likely = NearestKey.To(child.Key, properties.Keys) is { } nearest ? $"did you mean {nearest}? " : "";
                yield return new ConfigurationError(
                    child.Path,
                    $"there is no such key; {likely}known here: {string.Join(", ", properties.Keys.Order())}",
                    IsUnknownKey: true);
            }
        }
    }

    private static IEnumerable<ConfigurationError> CheckList(IConfigurationSection section, Type itemType)
    {
        if (!string.IsNullOrEmpty(section.Value))
            yield return new ConfigurationError(section.Path, "expected a list [ ... ], found a value");
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, out _))
                yield return new ConfigurationError(child.Path, "expected a list [ ... ], found a key");
            else
            {
                foreach (var error in Check(child, itemType))
                    yield return error;
            }
        }
    }

    private static IEnumerable<ConfigurationError> CheckValue(IConfigurationSection section, Type type)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (section.GetChildren().Any())
            yield return new ConfigurationError(section.Path, $"expected {Expectation(target)}, found a section or a list");
        else if (section.Value is null && target == type)
            yield return new ConfigurationError(section.Path, $"expected {Expectation(target)}, found null");
        else if (section.Value is { } text && !Converts(text, target))
            yield return new ConfigurationError(section.Path, $"expected {Expectation(target)}, found '{text}'{Hint(text, target)}");
    }

    private static bool Converts(string text, Type type)
    {
        // Enum.Parse takes any number; a configuration should say what it means.
        if (type.IsEnum)
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase);
        // TimeSpan.Parse takes 30 for thirty days, 00:30 for half an hour and 24:00:00 for 24 days.
        if (type == typeof(TimeSpan))
            return text.Count(c => c == ':') == 2 && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out _);
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Hint(string text, Type type) =>
        type == typeof(TimeSpan) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? $"; {number} seconds are {TimeSpan.FromSeconds(number):c}"
            : "";

    /// <summary>What a value of a type looks like, in words that follow "expected".</summary>
    internal static string Expectation(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when type == typeof(TimeSpan) => "a time such as 00:00:30 (hours:minutes:seconds) or 1.00:00:00 (a day)",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(string) => "a text",
        _ when type == typeof(double) => "a number such as 0.5",
        _ => "a whole number",
    };

    /// <summary>Type of a list's items; null if the type is no list.</summary>
    internal static Type? ItemTypeOf(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;

    /// <summary>Whether a type is a section with keys of its own.</summary>
    internal static bool IsRecord(Type type) => type.IsClass && type != typeof(string);
}
