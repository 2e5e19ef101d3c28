using System.Text;

namespace Middlebox.Appliance.Metrics;

/// <summary>Tags as labels of the text format: <c>{reason="served"}</c>, or nothing without tags.</summary>
internal static class LabelText
{
    public static string Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in tags)
        {
            if (text.Length > 1)
                text.Append(',');
            text.Append(name).Append("=\"").Append(Escape($"{value}")).Append('"');
        }

        return text.Append('}').ToString();
    }

    /// <summary>The labels with one more behind them.</summary>
    public static string With(string labels, string name, string value) =>
        labels.Length == 0 ? $"{{{name}=\"{value}\"}}" : $"{labels[..^1]},{name}=\"{value}\"}}";

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
