namespace Middlebox.Lab.Topologies;

/// <summary>
/// Reads the keys that make a link an emulated one. A key of the link is for both its directions; the same key of an end is for what that end sends, and
/// takes the place of the link's.
/// </summary>
/// <param name="directory">The base of relative paths.</param>
internal sealed class EmulationReader(string directory)
{
    private const int MostPackets = 65_535;

    /// <summary>The keys, of which one suffices.</summary>
    public static readonly string[] Keys =
        ["delay", "jitter", "burstLoss", "reorder", "duplicate", "queue", "timeline", "trace", "seed"];

    /// <summary>Whether a link or an end has any of the keys.</summary>
    public static bool IsAsked(JsonSection section) => Keys.Any(key => section.Find(key) is not null);

    /// <summary>How an end sends.</summary>
    /// <param name="link">The link.</param>
    /// <param name="end">The end.</param>
    public EndEmulation Read(JsonSection link, JsonSection end)
    {
        JsonSection For(string key) => end.Find(key) is null ? link : end;
        return new EndEmulation
        {
            Delay = ReadDuration(For("delay"), "delay") ?? TimeSpan.Zero,
            Jitter = ReadDuration(For("jitter"), "jitter") ?? TimeSpan.Zero,
            BurstLoss = ReadBurstLoss(For("burstLoss")),
            Reorder = For("reorder").Share("reorder") ?? 0,
            Duplicate = For("duplicate").Share("duplicate") ?? 0,
            Queue = For("queue").Integer("queue", 1, MostPackets),
            Timeline = ReadTimeline(For("timeline")),
            Trace = For("trace").OptionalText("trace") is { } path ? Path.GetFullPath(path, directory) : null,
            Seed = For("seed").Integer("seed", 0, int.MaxValue) ?? 1,
        };
    }

    private static List<TimelineStep> ReadTimeline(JsonSection section)
    {
        var steps = new List<TimelineStep>();
        foreach (var item in section.Items("timeline"))
        {
            item.AllowOnly("at", "up", "rate", "delay", "jitter", "loss", "burstLoss");
            if (item.Find("at") is null)
                item.Fail("at", "is missing", "say when the step is, for example \"12s\"");
            var at = ReadDuration(item, "at") ?? TimeSpan.Zero;
            if (steps.Count > 0 && at < steps[^1].At)
                item.Fail("at", $"{LinkDuration.Format(at)} is before the step above", "list steps in the order of their times");
            steps.Add(new TimelineStep(at)
            {
                Up = item.Find("up") is null ? null : item.Flag("up"),
                Rate = ReadRate(item),
                Delay = ReadDuration(item, "delay"),
                Jitter = ReadDuration(item, "jitter"),
                Loss = item.Share("loss"),
                BurstLoss = ReadBurstLoss(item),
            });
        }

        return steps;
    }

    private static BurstLoss? ReadBurstLoss(JsonSection section)
    {
        if (section.Find("burstLoss") is not { } burst)
            return null;
        burst.AllowOnly("share", "packets", "density");
        if (burst.Find("share") is null)
            burst.Fail("share", "is missing", "give the share of packets that is lost");
        if (burst.Find("packets") is null)
            burst.Fail("packets", "is missing", "give the packets that a burst lasts on average");
        var share = burst.Share("share") ?? 0;
        var packets = burst.Integer("packets", 1, MostPackets) ?? 1;
        var density = burst.Share("density") ?? 1;
        if (burst.Find("share") is not null && (share <= 0 || share >= density))
            burst.Fail("share", "is not between 0 and the density", "write a share above 0 and below \"density\", which is 1 by default");
        return share > 0 && share < density ? new BurstLoss(share, packets, density) : null;
    }

    private static LinkRate? ReadRate(JsonSection section) =>
        section.OptionalText("rate") is not { } text ? null
        : LinkRate.TryParse(text, out var rate) ? rate
        : Refuse<LinkRate>(section, "rate", $"\"{text}\" is not a rate", "write a number and a unit, for example 50mbit");

    private static TimeSpan? ReadDuration(JsonSection section, string key) =>
        section.OptionalText(key) is not { } text ? null
        : LinkDuration.TryParse(text, out var duration) ? duration
        : Refuse<TimeSpan>(section, key, $"\"{text}\" is not a time", "write a number and a unit up to an hour, for example 20ms");

    private static T? Refuse<T>(JsonSection section, string key, string problem, string remedy)
        where T : struct
    {
        section.Fail(key, problem, remedy);
        return null;
    }
}
