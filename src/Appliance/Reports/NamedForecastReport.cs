using Middlebox.Negotiation;

namespace Middlebox.Appliance.Reports;

/// <summary>How the next connection would be decided on if its SYN names the server to this box.</summary>
/// <param name="Reason"><see cref="Reason.NamedServerRelayed"/>, or why it would be refused.</param>
/// <param name="Keys">Paths of the keys that refuse; none if it is not refused, or would be whatever is allowed.</param>
/// <param name="LooksAtTags">Whether it would be refused all the same with a wrong tag.</param>
/// <param name="RequiresTag">And without one.</param>
public sealed record NamedForecastReport(Reason Reason, IReadOnlyList<string> Keys, bool LooksAtTags, bool RequiresTag)
{
    /// <summary>One sentence.</summary>
    public string Describe()
    {
        if (Reason != Reason.NamedServerRelayed)
            return $"refused with a reset, {(Keys.Count == 0 ? "whatever is allowed" : $"by {string.Join(" and ", Keys)}")}: {Reason.Describe()}";
        var tag = (LooksAtTags, RequiresTag) switch
        {
            (false, _) => "",
            (true, false) => ", unless it has a wrong tag",
            (true, true) => ", if it has a tag that was made with one of the keys here",
        };
        return $"relayed to the server{tag}";
    }
}
