using Middlebox.Negotiation.Converter;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>What the converter's thread counts; any thread may read.</summary>
public sealed class ConverterCounters
{
    private readonly long[] _refused = new long[Enum.GetValues<ConvertRefusal>().Length];
    private long _served;
    private long _asked;
    private long _unanswered;
    private int _pending;

    /// <summary>Connections handed to the relay.</summary>
    public long Served => Volatile.Read(ref _served);

    /// <summary>Clients that only asked for the supported TCP extensions.</summary>
    public long Asked => Volatile.Read(ref _asked);

    /// <summary>Errors that were not sent, because the client had been sent enough.</summary>
    public long ErrorsWithheld => Volatile.Read(ref _unanswered);

    /// <summary>Connections that are being set up, or refused and not closed yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Connections that were not served, by why; what has not occurred is left out.</summary>
    public IReadOnlyDictionary<ConvertRefusal, long> Refused() =>
        Enum.GetValues<ConvertRefusal>()
            .Where(refusal => Volatile.Read(ref _refused[(int)refusal]) > 0)
            .ToDictionary(refusal => refusal, refusal => Volatile.Read(ref _refused[(int)refusal]));

    internal void CountServed() => Volatile.Write(ref _served, _served + 1);

    internal void CountAsked() => Volatile.Write(ref _asked, _asked + 1);

    internal void CountWithheld() => Volatile.Write(ref _unanswered, _unanswered + 1);

    internal void Count(ConvertRefusal refusal) => Volatile.Write(ref _refused[(int)refusal], _refused[(int)refusal] + 1);

    internal void SetPending(int count) => Volatile.Write(ref _pending, count);
}
