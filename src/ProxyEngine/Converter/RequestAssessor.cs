using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>Decides on whole messages of clients: who may, to where, with which options, and with which cookie. Owned by the converter's thread.</summary>
internal sealed class RequestAssessor : IDisposable
{
    private readonly ConverterPolicy _policy;
    private readonly ConnectOptions _options;
    private readonly ConvertCookies? _cookies;
    private readonly OwnAddresses _own = new();
    private readonly byte[] _detail = new byte[ConvertConstants.MaximumMessageLength];
    private int _detailLength;

    /// <param name="options">Checked.</param>
    /// <param name="supported">Kinds of TCP options that the kernel puts into its SYNs.</param>
    /// <param name="time">The clock.</param>
    public RequestAssessor(ConverterOptions options, IReadOnlyList<TcpOptionKind> supported, TimeProvider time)
    {
        _policy = new ConverterPolicy(
            [.. options.Clients.Select(AddressPrefix.Parse)],
            options.Servers.Count == 0 ? [AddressPrefix.Any] : [.. options.Servers.Select(AddressPrefix.Parse)],
            PortSet.Parse(options.Ports),
            options.Hairpinning);
        _options = new ConnectOptions(supported);
        _cookies = options.RequireCookie ? new ConvertCookies(options.CookieLifetime, time) : null;
    }

    /// <summary>The TCP options that clients may ask for.</summary>
    public IReadOnlyList<TcpOptionKind> Supported => _options.Supported;

    /// <summary>What the last refusal is to tell the client beside its code: a cookie, or kinds of options.</summary>
    public ReadOnlySpan<byte> Detail => _detail.AsSpan(0, _detailLength);

    /// <summary>Reads and judges the message of a conversion, and notes what it asks for.</summary>
    public ConvertRefusal Assess(Conversion conversion)
    {
        var refusal = ConvertRequest.Read(conversion.Message, out var request);
        if (refusal != ConvertRefusal.None)
            return refusal;
        var client = conversion.Client.Address;
        if (!_policy.Serves(client))
            return ConvertRefusal.ClientNotAllowed;
        if (_cookies is not null && CheckCookie(_cookies, client, in request) is not ConvertRefusal.None and var missing)
            return missing;

        conversion.AsksForExtensions = request.AsksForExtensions;
        if (request.Server is not { } server)
            return ConvertRefusal.None;
        conversion.Server = server;
        refusal = _options.Check(request.TcpOptions, _detail, out _detailLength);
        if (refusal == ConvertRefusal.None)
            refusal = _policy.Assess(client, in server);
        return refusal == ConvertRefusal.None && _own.Contains(server.Address) ? ConvertRefusal.OwnAddress : refusal;
    }

    public void Dispose() => _own.Dispose();

    private ConvertRefusal CheckCookie(ConvertCookies cookies, HostAddress client, in ConvertRequest request)
    {
        if (request.HasCookie)
            return cookies.IsValid(client, request.Cookie) ? ConvertRefusal.None : ConvertRefusal.InvalidCookie;
        cookies.Write(client, _detail);
        _detailLength = ConvertCookies.Length;
        return ConvertRefusal.MissingCookie;
    }
}
