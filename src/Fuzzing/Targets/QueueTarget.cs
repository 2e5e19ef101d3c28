using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Interceptor.Queue;

namespace Middlebox.Fuzzing.Targets;

/// <summary>Reader and writer of the kernel's queue protocol.</summary>
public sealed class QueueTarget : IFuzzTarget
{
    private const int MaximumPayload = ushort.MaxValue - NfqueueConstants.NLA_HDRLEN;

    // Message types, attribute headers, lengths that are off by one.
    public IMutator Mutator { get; } = new ByteMutator(
    [
        [0, 3], [2, 0], [3, 0], [11, 0, 1, 0], [4, 0, 10, 0], [44, 0, 10, 0], [8, 0, 13, 0], [5, 0, 10, 0x40], [16, 0, 0, 0], [17, 0, 0, 0], [19, 0, 0, 0],
        [20, 0, 0, 0], [255, 255, 255, 255], [252, 255, 255, 255], [0, 0, 0, 128],
    ]);

    public int Run(byte[] input)
    {
        var expected = PlainQueueReader.Read(input);
        // Whatever is behind the datagram in the buffer must make no difference.
        foreach (var behind in (byte[])[0, 0xFF])
        {
            var actual = Read(input, behind);
            OracleException.Require(actual.SequenceEqual(expected), $"read as [{string.Join("; ", actual)}], expected [{string.Join("; ", expected)}]");
        }

        OracleException.Require(Allocation.Of(() => Count(input) < 0) == 0, "reading has allocated");
        var hash = default(HashCode);
        hash.Add(Math.Min(expected.Count, 8));
        foreach (var message in expected.Take(4))
            hash.Add(message.Length > 24 ? 24 : message.Length);
        return hash.ToHashCode();
    }

    private static int Count(byte[] input)
    {
        var reader = new NfqueueReader(input);
        var count = 0;
        while (reader.MoveNext())
            count++;
        return count;
    }

    private static List<string> Read(byte[] input, byte behind)
    {
        byte[] buffer = [.. input, .. Enumerable.Repeat(behind, 32)];
        List<string> messages = [];
        var reader = new NfqueueReader(buffer.AsSpan(0, input.Length));
        while (reader.MoveNext())
        {
            var isPacket = reader.PacketId is not null || !reader.Payload.IsEmpty || reader.IsCut;
            messages.Add(
                reader.Acknowledgment is { } answer ? $"answer {answer}"
                : isPacket ? $"packet '{reader.PacketId:X8}' hook {(reader.PacketId is null ? 0 : (int)reader.Hook)} {Convert.ToHexString(reader.Payload)}{(reader.IsCut ? " cut" : "")}"
                : "nothing");
            if (reader.PacketId is { } id && reader.Payload.Length <= MaximumPayload)
                RequireVerdict(id, reader.Payload);
        }

        return messages;
    }

    private static void RequireVerdict(uint id, ReadOnlySpan<byte> payload)
    {
        var length = payload.IsEmpty ? NfqueueWriter.VerdictLength : NfqueueWriter.VerdictLengthWith(payload.Length);
        var buffer = new byte[length];
        var writer = new NfqueueWriter(buffer, queue: 1);
        writer.WriteVerdict(id, NfqueueConstants.NF_ACCEPT, payload);
        OracleException.Require(writer.Length == length, $"a verdict of {writer.Length} octets, expected {length}");
    }
}
