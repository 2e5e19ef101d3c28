using Middlebox.Negotiation;

namespace Middlebox.Interceptor.Tests;

/// <summary>Takes handshakes, or refuses them for a reason.</summary>
internal sealed class RecordingTaker : IHandshakeTaker
{
    public List<Handshake> Taken { get; } = [];

    public List<Handshake> Dialled { get; } = [];

    public List<Handshake> GivenUp { get; } = [];

    public Reason Refusal { get; set; }

    public bool TryTake(Handshake handshake, out Reason refusal)
    {
        refusal = Refusal;
        if (refusal != Reason.None)
            return false;
        Taken.Add(handshake);
        return true;
    }

    public bool TryDial(Handshake handshake, IDialObserver observer, out Reason refusal)
    {
        refusal = Refusal;
        if (refusal != Reason.None)
            return false;
        Dialled.Add(handshake);
        return true;
    }

    public void GiveUp(Handshake handshake) => GivenUp.Add(handshake);
}
