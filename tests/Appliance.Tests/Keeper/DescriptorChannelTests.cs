using Middlebox.Native;

namespace Middlebox.Appliance.Tests.Keeper;

/// <summary>By themselves, because a program that another test starts just then would have a copy of the child's end.</summary>
[TestFixture]
[NonParallelizable]
public sealed class DescriptorChannelTests
{
    // As a daemon that is killed before it has read what its keeper has for it: what it has said counts all the same.
    [Test]
    [CancelAfter(10_000)]
    public void End_ThatHasNotReadEverything_WhatItHasSentArrives()
    {
        var (own, child) = DescriptorChannel.CreatePair();
        using (own)
        {
            using (child)
            {
                Assert.That(own.Send(7), Is.EqualTo(Errno.None));
                Assert.That((child.Send(1), child.Send(2)), Is.EqualTo((Errno.None, Errno.None)));
            }

            Assert.That((own.TryReceive(out int first, out _), first), Is.EqualTo((true, 1)));
            Assert.That((own.TryReceive(out int second, out _), second), Is.EqualTo((true, 2)));
            Assert.That(own.TryReceive(out int _, out _), Is.False);
        }
    }
}
