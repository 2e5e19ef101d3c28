namespace Middlebox.Interceptor.HostRole;

/// <summary>What is done to the packets of this host's own connections. One for each <see cref="HostProxyProtocol"/>; called by one thread.</summary>
internal interface IHostFilter
{
    /// <summary>Handles a packet that was queued, and may change it. <see cref="Filtering.PacketFilter"/>.</summary>
    int Handle(Span<byte> buffer, int length);

    /// <summary>Does what is due. To be called now and then.</summary>
    void Round();
}
