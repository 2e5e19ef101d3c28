namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>
/// Power of a radio by the linear model of Huang et al., "A Close Examination of Performance and Power Characteristics of 4G LTE Networks", MobiSys 2012: a base
/// while there is traffic, so much for each megabit a second, and a tail during which the radio stays on after the last packet.
/// </summary>
/// <param name="Base">Milliwatts while there is traffic.</param>
/// <param name="PerMegabitDown">Milliwatts for each Mbit/s received.</param>
/// <param name="PerMegabitUp">Milliwatts for each Mbit/s sent.</param>
/// <param name="TailPower">Milliwatts during the tail.</param>
/// <param name="Tail">How long the radio stays on after the last packet.</param>
internal sealed record RadioPower(double Base, double PerMegabitDown, double PerMegabitUp, double TailPower, TimeSpan Tail)
{
    // Between two readings; less is what an idle host sends by itself, such as neighbour and multicast reports.
    private const long LeastTrafficBytes = 256;

    /// <summary>LTE with the figures of that paper.</summary>
    public static readonly RadioPower Cellular = new(1288.04, 51.97, 438.39, 1060.0, TimeSpan.FromSeconds(11.576));

    /// <summary>Wi-Fi with the figures of that paper.</summary>
    public static readonly RadioPower Wifi = new(132.86, 137.01, 283.17, 119.3, TimeSpan.FromSeconds(0.2381));

    /// <summary>The time for which the radio was on and the energy that it took, in joules.</summary>
    /// <param name="counters">Times, and bytes received and sent until then, from the first on.</param>
    public (TimeSpan On, double Joules) Of(IReadOnlyList<(TimeSpan At, long Down, long Up)> counters)
    {
        var (on, millijoules) = (TimeSpan.Zero, 0.0);
        TimeSpan? lastTraffic = null;
        foreach (var (before, after) in counters.Zip(counters.Skip(1)))
        {
            var seconds = (after.At - before.At).TotalSeconds;
            var (down, up) = (after.Down - before.Down, after.Up - before.Up);
            if (down + up >= LeastTrafficBytes)
            {
                on += after.At - before.At;
                lastTraffic = after.At;
                millijoules += (Base * seconds) + (8e-6 * ((PerMegabitDown * down) + (PerMegabitUp * up)));
            }
            else if (lastTraffic + Tail > before.At)
            {
                on += after.At - before.At;
                millijoules += TailPower * seconds;
            }
        }

        return (on, millijoules / 1000);
    }
}
