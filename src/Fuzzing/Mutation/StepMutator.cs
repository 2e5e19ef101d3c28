namespace Middlebox.Fuzzing.Mutation;

/// <summary>Changes, repeats, leaves out and reorders the steps of an input, and mutates what is in them.</summary>
/// <param name="content">Mutates the content of a step.</param>
/// <param name="kinds">Kinds of steps, from 0.</param>
public sealed class StepMutator(IMutator content, int kinds) : IMutator
{
    private const int MostSteps = 24;
    private const int MostChanges = 3;

    public byte[] Mutate(Random random, IReadOnlyList<byte[]> pool)
    {
        var steps = Steps.Read(pool[random.Next(pool.Count)]);
        for (var count = random.Next(1, MostChanges + 1); count > 0; count--)
            Change(random, steps, pool);
        return Steps.Write(steps.Take(MostSteps));
    }

    private void Change(Random random, List<(byte Kind, byte[] Content)> steps, IReadOnlyList<byte[]> pool)
    {
        var others = Steps.Read(pool[random.Next(pool.Count)]);
        if (steps.Count == 0)
        {
            steps.AddRange(others);
            return;
        }

        var at = random.Next(steps.Count);
        switch (random.Next(7))
        {
            case 0:
                steps.RemoveAt(at);
                break;
            case 1:
                steps.Insert(random.Next(steps.Count + 1), steps[at]);
                break;
            case 2:
                var other = random.Next(steps.Count);
                (steps[at], steps[other]) = (steps[other], steps[at]);
                break;
            case 3 when others.Count > 0:
                steps.Insert(at, others[random.Next(others.Count)]);
                break;
            case 4:
                steps[at] = ((byte)random.Next(kinds), steps[at].Content);
                break;
            default:
                steps[at] = (steps[at].Kind, content.Mutate(random, [.. steps.Select(step => step.Content)]));
                break;
        }
    }
}
