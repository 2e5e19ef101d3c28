using Middlebox.Native;

namespace Middlebox.Interceptor.Liveness;

/// <summary>
/// How many packets have passed because a daemon did not take them, in memory that it has in common with the process that stands in for it. Any
/// thread of both may call.
/// </summary>
public sealed class StandInTally
{
    private const int PassedOffset = 0;
    private const int OverrunsOffset = 8;
    private const int Length = 16;

    private readonly SharedMemory _memory;

    private StandInTally(SharedMemory memory) => _memory = memory;

    /// <summary>By which another process can open it.</summary>
    public FileDescriptor Descriptor => _memory.Descriptor;

    /// <summary>Packets that have passed in place of being decided on.</summary>
    public long Passed => Volatile.Read(ref _memory.At<long>(PassedOffset));

    /// <summary>Overruns of the queues' sockets that the one who stands in has been told of, and nobody else is.</summary>
    public long Overruns => Volatile.Read(ref _memory.At<long>(OverrunsOffset));

    /// <exception cref="ErrnoException">There is no memory.</exception>
    public static StandInTally Create() => new(SharedMemory.Create("middlebox-passed", Length));

    /// <exception cref="ErrnoException">It cannot be mapped.</exception>
    public static StandInTally Open(FileDescriptor descriptor) => new(SharedMemory.Open(descriptor, Length));

    /// <summary>A packet is about to pass: to be called before it does, so that nobody decides on what follows it without knowing.</summary>
    public void AddPassed() => Interlocked.Increment(ref _memory.At<long>(PassedOffset));

    public void AddOverrun() => Interlocked.Increment(ref _memory.At<long>(OverrunsOffset));
}
