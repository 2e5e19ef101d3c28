using Middlebox.Negotiation;
using Middlebox.Negotiation.Converter;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>What the converter's thread counts; any thread may read.</summary>
public sealed class ConverterCounters
{
    private int _pending;

    /// <summary>Connections handed to the relay.</summary>
    public EventCounter Served { get; } = new();

    /// <summary>Clients that only asked for the supported TCP extensions.</summary>
    public EventCounter Asked { get; } = new();

    /// <summary>Errors that were not sent, because the client had been sent enough.</summary>
    public EventCounter ErrorsWithheld { get; } = new();

    /// <summary>Connections that were not served, by why.</summary>
    public EventCounters<ConvertRefusal> Refused { get; } = new();

    /// <summary>Connections that are being set up, or refused and not closed yet.</summary>
    public int Pending
    {
        get => Volatile.Read(ref _pending);
        internal set => Volatile.Write(ref _pending, value);
    }
}
