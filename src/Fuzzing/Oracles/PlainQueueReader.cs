namespace Middlebox.Fuzzing.Oracles;

// Written from linux/netlink.h, nfnetlink.h and nfnetlink_queue.h: a message has a header of 16 octets that begins with its length, and its
// attributes, each with a length and a type, begin at multiples of four. The host's byte order is little-endian.

/// <summary>A second reader of netlink datagrams from a queue; slow and plain.</summary>
internal static class PlainQueueReader
{
    /// <summary>One line for each message: what it carries.</summary>
    public static List<string> Read(byte[] datagram)
    {
        List<string> messages = [];
        var at = 0L;
        while (datagram.Length - at >= 16)
        {
            var length = Number(datagram, (int)at, 4);
            if (length < 16 || at + length > datagram.Length)
                break;
            messages.Add(Message(datagram[(int)at..(int)(at + length)]));
            at += (length + 3) / 4 * 4;
        }

        return messages;
    }

    private static string Message(byte[] message) => Number(message, 4, 2) switch
    {
        0x0300 when message.Length >= 20 => Packet(message),
        2 when message.Length >= 20 => $"answer {(int)Number(message, 16, 4)}",
        _ => "nothing",
    };

    private static string Packet(byte[] message)
    {
        var (id, hook, payload, isCut) = ("", 0, Array.Empty<byte>(), false);
        var at = 20L;
        while (message.Length - at >= 4)
        {
            var length = Number(message, (int)at, 2);
            if (length < 4 || at + length > message.Length)
                break;
            var value = message[(int)(at + 4)..(int)(at + length)];
            switch (Number(message, (int)at + 2, 2) % 0x4000)
            {
                case 1 when value.Length >= 7:
                    id = Convert.ToHexString(value, 0, 4);
                    hook = value[6];
                    break;
                case 10:
                    payload = value;
                    break;
                case 13:
                    isCut = true;
                    break;
            }

            at += (length + 3) / 4 * 4;
        }

        if (id.Length == 0 && payload.Length == 0 && !isCut)
            return "nothing";
        return $"packet '{id}' hook {hook} {Convert.ToHexString(payload)}{(isCut ? " cut" : "")}";
    }

    private static long Number(byte[] octets, int at, int length)
    {
        var number = 0L;
        for (var i = length - 1; i >= 0; i--)
            number = (number * 256) + octets[at + i];
        return number;
    }
}
