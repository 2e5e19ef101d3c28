using System.Runtime.InteropServices;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>What is written down of a flow: who talks to whom, and how far it has come. All else the kernel knows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlowRecord
{
    /// <summary>Written last when a flow begins, first when it ends.</summary>
    public bool IsLive;
    private bool _isDialled;
    private bool _isConverted;
    private bool _isAddressed;
    private bool _isMptcp;
    private bool _hasToken;
    private bool _isClaimed;
    private byte _preference;
    private bool _isHostProxied;
    private ushort _proxyId;

    /// <summary>How a leg has failed while the last words of its peer are on their way; <see cref="FlowEnd.None"/> before.</summary>
    public FlowEnd Failure;
    private uint _token;
    private long _sinceUnixMilliseconds;
    private sockaddr _client;
    private sockaddr _server;

    public DirectionRecord Up;
    public DirectionRecord Down;

    public static FlowRecord Of(FlowIdentity flow) => new()
    {
        _isDialled = flow.IsDialled,
        _isConverted = flow.IsConverted,
        _isAddressed = flow.IsAddressed,
        _isHostProxied = flow.IsHostProxied,
        _isMptcp = flow.IsMptcp,
        _hasToken = flow.Token is not null,
        _token = flow.Token ?? 0,
        _isClaimed = flow.Claim is not null,
        _preference = flow.Claim?.Preference ?? 0,
        _proxyId = flow.Claim?.ProxyId ?? 0,
        _sinceUnixMilliseconds = flow.Since.ToUnixTimeMilliseconds(),
        _client = flow.Key.Client.ToSocketAddress(),
        _server = flow.Key.Server.ToSocketAddress(),
    };

    public readonly FlowIdentity Identity => new(
        new FlowKey(_client.ToEndpoint(), _server.ToEndpoint()),
        _isClaimed ? new ProxyClaim(_proxyId, _preference) : null,
        Admission: null,
        Reason,
        _isMptcp,
        _hasToken ? _token : null,
        DateTimeOffset.FromUnixTimeMilliseconds(_sinceUnixMilliseconds));

    private readonly Reason Reason => _isConverted ? Reason.ConvertRequested
        : _isHostProxied ? Reason.HostProxied
        : _isAddressed ? Reason.NamedServerLegacy
        : _isDialled ? Reason.ServerKnownCapable
        : Reason.ServerLegacy;
}
