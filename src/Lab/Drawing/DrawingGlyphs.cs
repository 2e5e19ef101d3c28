namespace Middlebox.Lab.Drawing;

/// <summary>The characters that lines are made of.</summary>
internal sealed record DrawingGlyphs(
    char Horizontal,
    char Vertical,
    char TopLeft,
    char TopRight,
    char BottomLeft,
    char BottomRight,
    char OutToRight,
    char OutToLeft,
    char Link)
{
    public static readonly DrawingGlyphs Unicode = new('─', '│', '┌', '┐', '└', '┘', '├', '┤', '─');

    public static readonly DrawingGlyphs Ascii = new('-', '|', '+', '+', '+', '+', '+', '+', '-');
}
