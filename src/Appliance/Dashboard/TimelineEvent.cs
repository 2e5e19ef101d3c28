namespace Middlebox.Appliance.Dashboard;

/// <summary>Something in the life of a connection; the JSON names are a contract with the page.</summary>
/// <param name="Time">When, in milliseconds since 1970.</param>
/// <param name="Seen">What the box saw.</param>
/// <param name="Done">What it did; null if there was nothing to do.</param>
/// <param name="Reason">Name of the reason; null if there is none.</param>
/// <param name="Text">A sentence for people.</param>
internal sealed record TimelineEvent(double Time, string Seen, string? Done, string? Reason, string Text);
