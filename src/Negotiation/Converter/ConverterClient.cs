using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Converter;

/// <summary>What one client of a converter has, and what it may still have (RFC 8803 section 9.3).</summary>
/// <param name="limits">The limits, the same for all.</param>
/// <param name="time">The clock.</param>
public sealed class ConverterClient(ConverterClientLimits limits, TimeProvider time)
{
    private readonly RateLimit _errors = new(limits.ErrorsPerSecond, time);
    private int _pending;

    /// <summary>Its connections to servers, being dialled or relayed. Any thread may release a place.</summary>
    public FlowAdmission Flows { get; } = new(limits.Flows, limits.RequestsPerSecond, time);

    /// <summary>Whether anything would be forgotten with it.</summary>
    public bool IsIdle => _pending == 0 && Flows.Flows == 0;

    /// <summary>Takes a place among the connections that are being set up, until <see cref="Settle"/>.</summary>
    public bool TryBegin()
    {
        if (_pending >= limits.Pending)
            return false;
        _pending++;
        return true;
    }

    public void Settle() => _pending--;

    /// <summary>Whether it may be sent another error.</summary>
    public bool MayBeToldOfError() => _errors.TryCount();
}
