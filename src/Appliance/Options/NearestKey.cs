namespace Middlebox.Appliance.Options;

/// <summary>Finds the key that somebody meant who mistyped it.</summary>
internal static class NearestKey
{
    /// <summary>The key with the fewest letters to change, add or take out, if they are a third of the word at most; case does not count.</summary>
    public static string? To(string typed, IEnumerable<string> keys)
    {
        var nearest = keys.Select(key => (Key: key, Distance: Distance(typed.ToUpperInvariant(), key.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return nearest.Key is not null && nearest.Distance <= Math.Max(1, nearest.Key.Length / 3) ? nearest.Key : null;
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
