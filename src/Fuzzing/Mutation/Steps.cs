using System.Buffers.Binary;

namespace Middlebox.Fuzzing.Mutation;

/// <summary>An input that is a list of steps: for each one octet that says what is done, two for a length, and so many octets.</summary>
internal static class Steps
{
    private const int HeaderLength = 3;

    /// <summary>Reads every input: what is left at the end without a whole header or content is left out.</summary>
    public static List<(byte Kind, byte[] Content)> Read(byte[] input)
    {
        List<(byte, byte[])> steps = [];
        var rest = input.AsSpan();
        while (rest.Length >= HeaderLength)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), rest.Length - HeaderLength);
            steps.Add((rest[0], rest.Slice(HeaderLength, length).ToArray()));
            rest = rest[(HeaderLength + length)..];
        }

        return steps;
    }

    public static byte[] Write(IEnumerable<(byte Kind, byte[] Content)> steps) =>
        [.. steps.SelectMany(step => (byte[])[step.Kind, (byte)(step.Content.Length >> 8), (byte)step.Content.Length, .. step.Content])];
}
