using Middlebox.Interceptor.FastPath;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>A fast path that only remembers what it was to carry.</summary>
internal sealed class RecordingFastPath : IRelayFastPath
{
    public List<(FlowKey Addressed, FlowKey Translated)> Carried { get; } = [];

    public void Carry(in FlowKey addressed, in FlowKey translated) => Carried.Add((addressed, translated));

    public void Round()
    {
    }
}
