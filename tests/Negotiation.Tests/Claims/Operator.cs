using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Negotiation.Tests.Claims;

/// <summary>The keys and proxies of the operator that tests are about, and of a stranger.</summary>
internal static class Operator
{
    public const byte OldKeyId = 1;
    public const byte NewKeyId = 63;
    public const ushort FirstProxy = 17;
    public const ushort SecondProxy = 0xABCD;

    public static byte[] OldKey { get; } = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    public static byte[] NewKey { get; } = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    /// <summary>Both keys are valid, and the old one signs.</summary>
    public static SharedKeys Keys { get; } = Ring(OldKeyId, (OldKeyId, OldKey), (NewKeyId, NewKey));

    /// <summary>Both keys are valid, and the new one signs.</summary>
    public static SharedKeys RolledKeys { get; } = Ring(NewKeyId, (OldKeyId, OldKey), (NewKeyId, NewKey));

    /// <summary>Another key under the same id.</summary>
    public static SharedKeys Stranger { get; } = Ring(OldKeyId, (OldKeyId, [.. OldKey.Reverse()]));

    public static ExplicitSettings Settings(
        ushort id = FirstProxy,
        byte preference = 4,
        ClaimCarrier carrier = ClaimCarrier.Option,
        bool isSigned = true,
        bool acceptUnsigned = false) =>
        new(id, preference, carrier, isSigned ? Keys : null, acceptUnsigned || !isSigned);

    public static SharedKeys Ring(byte signing, params (byte Id, byte[] Key)[] keys) =>
        new(keys.ToDictionary(key => key.Id, key => key.Key), signing, [FirstProxy, SecondProxy]);
}
