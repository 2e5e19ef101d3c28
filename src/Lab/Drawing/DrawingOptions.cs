namespace Middlebox.Lab.Drawing;

/// <summary>How a topology is drawn.</summary>
/// <param name="Unicode">Box-drawing characters; false for plain ASCII. Default: true.</param>
/// <param name="Width">Columns that the drawing should fit into; what does not fit moves to a list. Default: 120.</param>
public sealed record DrawingOptions(bool Unicode = true, int Width = 120);
