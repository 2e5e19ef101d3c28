namespace Middlebox.Negotiation;

/// <summary>Told once how a dial came out that was not given up before. Called by any thread.</summary>
public interface IDialObserver
{
    void Dialled(Handshake handshake, DialOutcome outcome);
}
