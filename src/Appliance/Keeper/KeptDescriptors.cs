using Middlebox.Native;

namespace Middlebox.Appliance.Keeper;

/// <summary>What the keeper holds: descriptors by numbers that mean something only to daemons. Any thread may call.</summary>
internal sealed class KeptDescriptors
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, FileDescriptor[]> _held = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _held.Count;
        }
    }

    /// <summary>Holds descriptors, in place of those that were held under the number before.</summary>
    public void Hold(uint number, FileDescriptor[] descriptors)
    {
        Release(number);
        lock (_lock)
            _held[number] = descriptors;
    }

    public void Release(uint number)
    {
        lock (_lock)
        {
            if (_held.Remove(number, out var descriptors))
                Close(descriptors);
        }
    }

    /// <summary>Lets everything go: connections that nobody else holds are reset.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (var descriptors in _held.Values)
                Close(descriptors);
            _held.Clear();
        }
    }

    public IReadOnlyList<KeyValuePair<uint, FileDescriptor[]>> ToList()
    {
        lock (_lock)
            return [.. _held];
    }

    private static void Close(FileDescriptor[] descriptors)
    {
        foreach (var descriptor in descriptors)
            descriptor.Dispose();
    }
}
