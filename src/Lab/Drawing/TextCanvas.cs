using System.Text;

namespace Middlebox.Lab.Drawing;

/// <summary>A grid of characters that grows as it is written to.</summary>
internal sealed class TextCanvas
{
    private readonly List<StringBuilder> _rows = [];

    /// <summary>Writes a text over what is there.</summary>
    public void Write(int row, int column, string text)
    {
        while (_rows.Count <= row)
            _rows.Add(new StringBuilder());
        var line = _rows[row];
        if (line.Length < column + text.Length)
            line.Append(' ', column + text.Length - line.Length);
        for (var index = 0; index < text.Length; index++)
            line[column + index] = text[index];
    }

    /// <summary>Draws the outline of a box.</summary>
    public void Box(int top, int left, int height, int width, DrawingGlyphs glyphs)
    {
        var edge = new string(glyphs.Horizontal, width - 2);
        Write(top, left, $"{glyphs.TopLeft}{edge}{glyphs.TopRight}");
        for (var row = top + 1; row < top + height - 1; row++)
        {
            Write(row, left, glyphs.Vertical.ToString());
            Write(row, left + width - 1, glyphs.Vertical.ToString());
        }
        Write(top + height - 1, left, $"{glyphs.BottomLeft}{edge}{glyphs.BottomRight}");
    }

    /// <summary>The rows without trailing blanks, each ended by a line feed.</summary>
    public override string ToString() => string.Concat(_rows.Select(row => row.ToString().TrimEnd() + "\n"));
}
