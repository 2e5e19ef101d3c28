using Middlebox.Native;
using Middlebox.Negotiation.Converter;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>Receives one message of the Convert protocol and not a byte more, so that what follows it stays in the socket for the relay. Either side uses it.</summary>
/// <param name="socket">A non-blocking connection that has not been read from.</param>
internal sealed class ConvertMessageReceiver(FileDescriptor socket)
{
    private byte[] _message = new byte[ConvertConstants.HeaderLength];
    private int _received;

    /// <summary>What has been received: the fixed header, then the whole message.</summary>
    public ReadOnlySpan<byte> Octets => _message.AsSpan(0, _received);

    /// <summary>Receives what is there.</summary>
    /// <param name="refusal">What is wrong with the header, or <see cref="ConvertRefusal.ClientVanished"/>: the connection has ended.</param>
    /// <returns>Whether the message is there as a whole; false without a refusal: wait.</returns>
    public bool TryReceive(out ConvertRefusal refusal)
    {
        refusal = ConvertRefusal.None;
        while (_received < _message.Length)
        {
            var count = Libc.recv(socket, ref _message[_received], _message.Length - _received, Libc.MSG_DONTWAIT);
            if (count < 0 && Libc.LastError == Errno.EINTR)
                continue;
            if (count <= 0)
            {
                refusal = count < 0 && Libc.LastError == Errno.EAGAIN ? ConvertRefusal.None : ConvertRefusal.ClientVanished;
                return false;
            }

            _received += (int)count;
            if (_received == ConvertConstants.HeaderLength && !TryExpect(out refusal))
                return false;
        }

        return true;
    }

    private bool TryExpect(out ConvertRefusal refusal)
    {
        refusal = ConvertHeader.Read(_message, out var header);
        if (refusal != ConvertRefusal.None)
            return false;
        Array.Resize(ref _message, header.MessageLength);
        return true;
    }
}
