namespace Middlebox.Negotiation;

/// <summary>A number that one thread counts up, and any may read without a lock.</summary>
public sealed class EventCounter
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Add() => Volatile.Write(ref _count, _count + 1);
}
