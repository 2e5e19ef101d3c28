namespace Middlebox.Appliance.Dashboard;

/// <summary>What went over one path, in bit/s.</summary>
/// <param name="Up">From clients.</param>
/// <param name="Down">To clients, as far as they have acknowledged it.</param>
internal readonly record struct PathRate(double Up, double Down)
{
    public double Sum => Up + Down;

    public static PathRate operator +(PathRate left, PathRate right) => new(left.Up + right.Up, left.Down + right.Down);
}
