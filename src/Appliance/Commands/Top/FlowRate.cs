using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Top;

/// <summary>A connection and how fast it was between two samples, in bit/s.</summary>
internal sealed record FlowRate(FlowReport Flow, double Up, double Down)
{
    public double Sum => Up + Down;

    /// <summary>All connections of the later sample, the fastest first. One that was not in the earlier began between them.</summary>
    public static IReadOnlyList<FlowRate> Between(TopSample earlier, TopSample later)
    {
        var seconds = Math.Max((later.Time - earlier.Time).TotalSeconds, 0.001);
        var before = earlier.Flows.ToDictionary(flow => (flow.Client, flow.Server, flow.Since));
        return
        [
            .. later.Flows
                .Select(flow =>
                {
                    var old = before.GetValueOrDefault((flow.Client, flow.Server, flow.Since));
                    return new FlowRate(
                        flow,
                        (flow.BytesUp - (old?.BytesUp ?? 0)) * 8 / seconds,
                        (flow.BytesDown - (old?.BytesDown ?? 0)) * 8 / seconds);
                })
                .OrderByDescending(rate => rate.Sum)
                .ThenBy(rate => rate.Flow.Since),
        ];
    }
}
