import java.nio.file.{Files, Path, Paths}
import java.security.Security

import cats.data.ValidatedNel
import com.advancedtelematic.libtuf.crypt.CanonicalJson._
import com.advancedtelematic.libtuf.crypt.TufCrypto
import com.advancedtelematic.libtuf.data.ClientCodecs._
import com.advancedtelematic.libtuf.data.ClientDataType.{RootRole, TargetCustom, TargetsRole}
import com.advancedtelematic.libtuf.data.{RoleValidation, RootRoleValidation}
import com.advancedtelematic.libtuf.data.TufCodecs._
import com.advancedtelematic.libtuf.data.TufDataType.{JsonSignedPayload, SignedPayload}
import io.circe.syntax._
import io.circe.{Decoder, parser}
import org.bouncycastle.jce.provider.BouncyCastleProvider

/** Judges a repository with libtuf, as OTA Community Edition's servers do when
  * metadata is uploaded: the key server decodes and encodes each root again,
  * the repo server validates targets and delegations.
  *
  * Usage: Judge ROOT BASE STATE TARGET..., see ../README.md. BASE is a folder;
  * a server remembers nothing, so STATE is not used.
  */
object Judge {
  type Checked[T] = Either[String, T]

  def main(args: Array[String]): Unit = {
    Security.addProvider(new BouncyCastleProvider)
    println(judge(Paths.get(args(0)), Paths.get(args(1)), args.drop(3)).fold("REJECT: " + _, _ => "ACCEPT"))
  }

  def judge(trusted: Path, base: Path, images: Seq[String]): Checked[Unit] = {
    val metadata = base.resolve("metadata")
    for {
      first <- readRoot(trusted)
      _ <- valid(RootRoleValidation.rootIsValid(first))
      root <- lastRoot(metadata, first)
      targets <- read(metadata.resolve("targets.json"))
      _ <- valid(TufCrypto.payloadSignatureIsValid(root.signed, targets))
      delegated <- delegations(metadata, targets.signed)
      listed = (targets.signed +: delegated).flatMap(_.targets.keys).map(_.value)
      _ <- images.find(!listed.contains(_)).map(_ + " is not listed").toLeft(())
    } yield ()
  }

  /** Follows the roots N+1, as the key server takes them. */
  @annotation.tailrec
  def lastRoot(metadata: Path, old: SignedPayload[RootRole]): Checked[SignedPayload[RootRole]] = {
    val next = metadata.resolve(s"${old.signed.version + 1}.root.json")
    if (!Files.exists(next)) Right(old)
    else
      readRoot(next).flatMap(root => valid(RootRoleValidation.newRootIsValid(root, old))) match {
        case Right(root) => lastRoot(metadata, root)
        case refused => refused
      }
  }

  def readRoot(path: Path): Checked[SignedPayload[RootRole]] =
    parse[JsonSignedPayload](path).flatMap(json => valid(RoleValidation.rawJsonIsValid[RootRole](json)))

  def delegations(metadata: Path, targets: TargetsRole): Checked[Seq[TargetsRole]] = {
    val trusted = targets.delegations.toSeq.flatMap(all => all.roles.map(all.keys -> _))
    trusted.foldLeft[Checked[Seq[TargetsRole]]](Right(Nil)) { case (done, (keys, role)) =>
      for {
        before <- done
        file <- read(metadata.resolve(s"delegations/${role.name.value}.json"))
        own = keys.filter { case (id, _) => role.keyids.contains(id) }
        _ <- valid(TufCrypto.payloadSignatureIsValid(own, role.threshold, file))
      } yield before :+ file.signed
    }
  }

  /** Decodes targets metadata; encoding it again has to give the bytes of the file. */
  def read(path: Path): Checked[SignedPayload[TargetsRole]] =
    for {
      payload <- parse[SignedPayload[TargetsRole]](path)
      _ <- Either.cond(payload.json.canonical == payload.signed.asJson.canonical, (), s"$path: libtuf encodes it otherwise")
      custom = payload.signed.targets.find { case (_, item) => item.customParsed[TargetCustom].isEmpty }
      _ <- custom.map { case (name, _) => s"$path: custom of ${name.value} does not decode" }.toLeft(())
    } yield payload

  /** Decodes a file that has to be its own canonical form: vehicles hash that form, not the file. */
  def parse[T: Decoder](path: Path): Checked[T] = {
    val text = Files.readString(path)
    for {
      json <- parser.parse(text).left.map(e => s"$path: ${e.message}")
      _ <- Either.cond(json.canonical == text, (), s"$path: is not its canonical form")
      decoded <- json.as[T].left.map(e => s"$path: ${e.getMessage}")
    } yield decoded
  }

  def valid[T](result: ValidatedNel[String, T]): Checked[T] = result.toEither.left.map(_.toList.mkString("; "))
}
