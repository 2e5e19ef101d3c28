using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>
/// Looks whether the box's rules are still in force: an administrator who loads his rule set anew removes them, and connections pass
/// unproxied from then on. Any thread may ask; the system's tool is run once in a while at most.
/// </summary>
internal sealed class RulesWatch(Func<RuleFamily, bool> areInForce, IReadOnlyList<RuleFamily> families, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IReadOnlyList<RuleFamily> _missing = [];
    private long? _lookedAt;

    /// <summary>The families whose rules are missing.</summary>
    public IReadOnlyList<RuleFamily> Missing()
    {
        lock (_lock)
        {
            if (_lookedAt is { } at && time.GetElapsedTime(at) < Lifetime)
                return _missing;
            _missing = [.. families.Where(family => !areInForce(family))];
            _lookedAt = time.GetTimestamp();
            return _missing;
        }
    }
}
