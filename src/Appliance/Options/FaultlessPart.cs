using Microsoft.Extensions.Configuration;

namespace Middlebox.Appliance.Options;

/// <summary>
/// What is left of a configuration section when the values are taken out that cannot be bound, so that the ranges of all others can be judged
/// all the same. What is wrong at or below those keys has been said.
/// </summary>
internal sealed class FaultlessPart(IConfigurationSection section, IReadOnlyCollection<string> faultyKeys)
{
    /// <summary>The section without them. Lists keep their lengths, because errors name items by their numbers.</summary>
    public IConfigurationSection Section()
    {
        if (faultyKeys.Count == 0)
            return section;
        var values = section.AsEnumerable().Where(pair => !IsFaulty(pair.Key)).ToDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var item in faultyKeys.SelectMany(ListItems).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            // Bound as 1 or "1" where a value is wanted, and as a section with nothing in it where a section is.
            values[item] = "1";
            values[$"{item}:"] = "";
        }

        return new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(section.Path);
    }

    /// <summary>Whether a key is one of those, or below one.</summary>
    public bool IsFaulty(string key) => faultyKeys.Any(faulty =>
        key.Equals(faulty, StringComparison.OrdinalIgnoreCase) || key.StartsWith($"{faulty}:", StringComparison.OrdinalIgnoreCase));

    /// <summary>The list items that a key is or is in: their paths end with their numbers.</summary>
    private static IEnumerable<string> ListItems(string key)
    {
        var parts = key.Split(':');
        return Enumerable.Range(1, parts.Length)
            .Where(length => int.TryParse(parts[length - 1], out _))
            .Select(length => string.Join(':', parts[..length]));
    }
}
